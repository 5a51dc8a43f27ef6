"""What a file is, what a photo proves, which part of it is asked for, what a storage promises."""
