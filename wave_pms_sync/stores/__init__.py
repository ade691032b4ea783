"""Link stores: the memory between two runs, kept in this process or in an SQLite file."""
