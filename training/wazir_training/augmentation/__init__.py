"""More training text from what there is: functions over (text, spans) that keep spans exact."""
