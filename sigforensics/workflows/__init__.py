"""One function a subcommand: paths and settings in, files and a result out."""
