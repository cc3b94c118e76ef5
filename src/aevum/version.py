"""The version, which files and pages name: it lies below all of them."""

VERSION = "0.2.0"
