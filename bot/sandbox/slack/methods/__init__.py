"""The methods of the local Slack's Web API, one file for each family."""
