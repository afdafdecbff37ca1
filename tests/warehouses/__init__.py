"""What lands: the tap, a real target and a real database, by way of Meltano."""
