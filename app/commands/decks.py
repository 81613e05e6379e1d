"""`whetstone export-anki`, `import-anki`, `export-data`, `import-data`."""
