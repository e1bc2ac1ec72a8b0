"""What a team would otherwise pick, as its users install it, beside Gewu in the same run."""
