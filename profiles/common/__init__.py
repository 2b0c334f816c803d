"""What more than one profile needs: wire forms, answers, variables."""
