// Loops over columns for the processor that runs them.
#pragma once

// Before a function whose loops gain from wider registers: it is compiled three times, for AVX-512, for AVX2 and for what the
// build targets, and the loader takes the one that the processor has. Loops must be plain: counts and pointers in locals, no calls that stay calls.
// A file whose loops multiply and add fractions stands in the list of src/CMakeLists.txt, so that no bit depends on the processor.
// (Sanitizers aren't ready yet when the loader chooses; other compilers do without.)
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define CENTELLA_WIDE_LOOPS __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define CENTELLA_WIDE_LOOPS
#endif
