"""Stands in for the platform itself, to which the challenge reports scores.

python submissions.py PORT
"""

import sys

import falcon
from serving import serve


class Submissions:
    def on_post(self, request, response, kind):
        response.status = falcon.HTTP_CREATED


if __name__ == "__main__":
    application = falcon.App()
    application.add_route("/submissions/{kind}", Submissions())
    application.add_route("/", Submissions())
    serve(application, int(sys.argv[1]))
