"""One module for each page that people know by name; a view reads a form, calls one use case and shows what came of it."""
