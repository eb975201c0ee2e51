"""The start from memories: what is painted and what is read begin as what the training samples suggest."""
