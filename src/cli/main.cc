// The `centella` command's entry point.
#include "cli/commands.h"

int main(int argc, char** argv) { return centella::RunCommandLine(argc, argv); }
