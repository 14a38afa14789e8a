"""The Web API methods of the local Slack, one module for each method family."""
