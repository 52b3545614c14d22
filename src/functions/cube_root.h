// The cube root as Java's StrictMath has it.
#pragma once

namespace centella {

// Within 0.67 of the last place, exact for cubes, and on every machine the same bits as Spark gives (glibc's cbrt differs: of
// 27 it makes 3.0000000000000004).
double CubeRoot(double x);

}  // namespace centella
