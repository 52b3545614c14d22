# Finds the virtual environment that `make setup` makes: the Arrow wheel (headers and shared libraries) and the Spark
# Connect client come from it. CENTELLA_VENV (environment or cache variable) names another one, to share it; the
# environment wins, and the choice is remembered for when ninja runs cmake again.
if(DEFINED ENV{CENTELLA_VENV})
  set(CENTELLA_VENV $ENV{CENTELLA_VENV} CACHE PATH "Virtual environment with pyarrow and pyspark-client" FORCE)
endif()
set(CENTELLA_VENV ${CMAKE_SOURCE_DIR}/.venv CACHE PATH "Virtual environment with pyarrow and pyspark-client")

set(CENTELLA_PYTHON ${CENTELLA_VENV}/bin/python)
file(GLOB pyarrow_folder ${CENTELLA_VENV}/lib/python3*/site-packages/pyarrow)
if(NOT pyarrow_folder)
  set(missing ${CENTELLA_VENV})
  unset(CENTELLA_VENV CACHE)  # so that the next try starts afresh
  message(FATAL_ERROR
    "There is no pyarrow in ${missing}.\n"
    "Run `make setup`, which makes that virtual environment with pinned versions, "
    "or name another one: CENTELLA_VENV=/path/to/venv cmake --preset release")
endif()
