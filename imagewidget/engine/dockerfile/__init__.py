"""What imagewidget needs to know about a Dockerfile."""
