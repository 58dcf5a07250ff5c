"""The open data of the Netherlands as it is published: catalogue, readers, own lists beside it."""
