"""What has to be watched, what is an alarm, what follows when a patient reacts: pure functions of protocol, tables and session state."""
