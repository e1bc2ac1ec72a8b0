"""What the other things cost that a fleet does all day (`python -m bench.cases`)."""
