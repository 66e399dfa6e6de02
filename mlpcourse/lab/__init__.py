"""The course on a learner's machine: lessons copied and kept up to date, JupyterLab opened, what is missing told."""
