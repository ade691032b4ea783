"""What a person decides: links made and ended by hand, disputes settled, resting records looked at again. All local."""
