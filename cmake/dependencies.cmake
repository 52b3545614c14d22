# Everything that Centella takes from others, behind one target: centella_dependencies.
#
# Two worlds meet in one process: Debian's gRPC, protobuf, abseil and OpenSSL, and the Arrow wheel, whose libparquet
# exports an OpenSSL of its own. If symbols of one were bound to the other, calls would land in a different version. So
# all of Debian's are linked statically, before the wheel's libraries, and none of their symbols leaves the binary
# (--exclude-libs,ALL). tests/linking proves it.

# --- the Arrow wheel -------------------------------------------------------------------------------------------------
file(GLOB arrow_library ${pyarrow_folder}/libarrow.so.*)
string(REGEX REPLACE ".*\\.so\\.([0-9]+)$" "\\1" arrow_soversion "${arrow_library}")
# The wheel has no libarrow.so for the linker to find, only libarrow.so.2600: give it one in the build folder.
set(arrow_links ${CMAKE_BINARY_DIR}/arrow)
file(MAKE_DIRECTORY ${arrow_links})
foreach(name arrow arrow_compute arrow_acero arrow_dataset arrow_s3 parquet)
  set(library ${pyarrow_folder}/lib${name}.so.${arrow_soversion})
  if(EXISTS ${library})
    file(CREATE_LINK ${library} ${arrow_links}/lib${name}.so SYMBOLIC)
    add_library(wheel_${name} SHARED IMPORTED)
    set_target_properties(wheel_${name} PROPERTIES
      IMPORTED_LOCATION ${arrow_links}/lib${name}.so
      IMPORTED_SONAME lib${name}.so.${arrow_soversion})
    target_include_directories(wheel_${name} SYSTEM INTERFACE ${pyarrow_folder}/include)
  endif()
endforeach()

# --- Debian's libraries, static ---------------------------------------------------------------------------------------
# Asked once and remembered: abseil's .pc files name each other so often that pkg_check_modules takes 17 s.
if(NOT CENTELLA_GRPC_LIBRARIES)
  execute_process(COMMAND pkg-config --static --libs-only-l grpc++ protobuf
    OUTPUT_VARIABLE grpc_libraries RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "gRPC is missing: run `make setup`, which installs the packages in packages.txt")
  endif()
  string(REGEX MATCHALL "-l[^ ]+" grpc_libraries "${grpc_libraries}")
  list(TRANSFORM grpc_libraries REPLACE "^-l" "")
  set(CENTELLA_GRPC_LIBRARIES ${grpc_libraries} CACHE INTERNAL "What gRPC and protobuf are linked with")
endif()

# Every -l that gRPC and protobuf name, and what rooms use themselves; of abseil all, rooms take what they like.
set(static_names ${CENTELLA_GRPC_LIBRARIES} icui18n icuuc icudata pcre2-8 xxhash zstd lz4 snappy deflate sqlite3)
list(FILTER static_names EXCLUDE REGEX "^absl_")
list(REMOVE_ITEM static_names dl rt pthread atomic m)
list(REMOVE_DUPLICATES static_names)
set(static_libraries)
foreach(name ${static_names})
  find_library(STATIC_${name} lib${name}.a)
  if(STATIC_${name})
    list(APPEND static_libraries ${STATIC_${name}})
  else()
    message(FATAL_ERROR "lib${name}.a is missing: run `make setup`, which installs the packages in packages.txt")
  endif()
  mark_as_advanced(STATIC_${name})
endforeach()
get_filename_component(static_folder ${STATIC_protobuf} DIRECTORY)
file(GLOB abseil_libraries ${static_folder}/libabsl_*.a)
list(FILTER abseil_libraries EXCLUDE REGEX "_flags_|_random_internal_distribution_test")
list(APPEND static_libraries ${abseil_libraries})

# --- Debian's libraries that come without a static archive ------------------------------------------------------------
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(Threads REQUIRED)
find_library(HWY_LIBRARY hwy REQUIRED)
find_library(MIMALLOC_LIBRARY mimalloc REQUIRED)

add_library(centella_dependencies INTERFACE)
# At run time the loader finds the wheel's libraries where they lie.
set(CMAKE_SKIP_BUILD_RPATH ON)
target_link_options(centella_dependencies INTERFACE
  -Wl,--exclude-libs,ALL -Wl,--as-needed -Wl,-rpath,${pyarrow_folder})
# Debian's archives stand before the wheel's libraries, so that the linker takes OpenSSL's symbols from the archive; so does
# libstdc++, because the wheel exports copies of std::string's functions.
# A group, because the archives need each other in circles; one string, because CMake would sort a list.
list(JOIN static_libraries " " static_group)
target_link_libraries(centella_dependencies INTERFACE
  "-Wl,--start-group ${static_group} -Wl,--end-group"
  stdc++ simdjson::simdjson wheel_parquet wheel_arrow_compute wheel_arrow
  fmt::fmt spdlog::spdlog ${HWY_LIBRARY}
  Threads::Threads ${CMAKE_DL_LIBS} atomic)
