"""Import a module from a folder that was not granted, and from a zip file.

must: raised | forbidden
"""

import sys


def f(given):
    sys.path.insert(0, given["folder"])
    sys.path.insert(0, given["secret"])
    sys.path_importer_cache.clear()
    import secret

    return secret.WORD
