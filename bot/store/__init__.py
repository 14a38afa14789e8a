"""What must survive a restart: requests and their audit trail."""
