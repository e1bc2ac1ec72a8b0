"""A burst (集中回传): a whole fleet that was without network comes back within a minute."""
