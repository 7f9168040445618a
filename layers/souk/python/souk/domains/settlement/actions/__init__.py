"""What is done with fee rules and with settlements, a file for each."""
