"""What uploads and downloads share: addresses, whom to trust, and the ways of FTP and SSH."""
