"""What a person types about themselves, checked and normalised: address, phone, tax id, name."""
