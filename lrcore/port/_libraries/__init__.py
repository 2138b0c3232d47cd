"""What other libraries' calls are here: a file a library, each a table of functions with that library's own signatures."""
