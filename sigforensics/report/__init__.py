"""What people look at: figures and pages. The only user of matplotlib."""
