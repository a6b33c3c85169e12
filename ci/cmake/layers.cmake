# SPDX-License-Identifier: MIT
# df_layer(NAME SOURCES ... LINKS ...) makes one layer; df_test(NAME SOURCES ... LINKS ...) one test program.
# A layer may link only the layers that ARCHITECTURE.md lets it include; ci/check-layers reads the includes.
function(df_layer NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(${NAME} PUBLIC df_settings ${ARG_LINKS})
endfunction()

function(df_test NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_compile_definitions(${NAME} PRIVATE DEPTHFINDER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)  # what is tested has -O2; a test is sooner compiled
  target_link_libraries(${NAME} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  if(DEPTHFINDER_SANITIZE)
    target_compile_options(${NAME} PRIVATE -fno-sanitize=undefined)  # what is tested has it; a third less to compile
    df_whole_test(${NAME})  # thousands of processes would take minutes to start
  else()
    gtest_discover_tests(${NAME} TEST_PREFIX "${NAME}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# A program as one test. Started before others, since it takes long.
function(df_whole_test NAME)
  add_test(NAME ${NAME} COMMAND ${NAME})
  set_tests_properties(${NAME} PROPERTIES TIMEOUT 1800 COST 100
    ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/ci/cmake/tsan-suppressions.txt")
endfunction()

# df_fuzz(NAME SOURCE LINKS ...): a libFuzzer target, built by the preset "fuzz" alone (ci/fuzz).
function(df_fuzz NAME SOURCE)
  if(NOT DEPTHFINDER_FUZZ)
    return()
  endif()
  add_executable(${NAME} ${SOURCE})
  target_link_libraries(${NAME} PRIVATE ${ARGN})
  target_link_options(${NAME} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${NAME})
endfunction()
