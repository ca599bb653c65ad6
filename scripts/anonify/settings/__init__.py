"""What a run is: configuration, descriptions, and what is made where."""
