// A shared library that exports nothing of kdex.
extern "C" int some_function() { return 1; }
