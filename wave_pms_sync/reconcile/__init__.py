"""The thinking room of a run: state, reads and configuration in; a plan out. Nothing here acts."""
