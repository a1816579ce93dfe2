"""The year loop recorded once as elementary operations, and played back over many draws.

The rules and the year loop stay written once, in NumPy, and stay the reference. Run on symbols
instead of numbers they leave a list of additions, products, minimums and comparisons; a small
compiled player repeats it tile by tile in the cache, with the same result to the bit. Where no
compiler was at hand when the package was installed there is no player, and NumPy does the work.
"""
