"""What a person can do: the table of actions and the features behind it. Each gets what it uses as arguments."""
