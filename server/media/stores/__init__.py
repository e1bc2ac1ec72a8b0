"""Where photo bytes live (照片存储): `base` says what a store promises, `disk` and `s3` keep it."""
