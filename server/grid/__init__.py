"""Areas (网格), members, posts (岗位), devices, tokens: who may see what."""
