"""The files of the rule base: how they are read, which file holds what, and what each looks like."""
