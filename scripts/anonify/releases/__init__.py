"""From a recoding to the table that is handed out."""
