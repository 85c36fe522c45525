"""Steps from one form of the database to the next. The record's own tables are made and changed by hand-written SQL only."""
