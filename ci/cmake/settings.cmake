# SPDX-License-Identifier: MIT
# Language, warnings and sanitizers as one INTERFACE target that every layer links.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# -O3 gains nothing here (the hot loops are in libraries) and makes g++ 12 warn of overflows that cannot happen.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

option(DEPTHFINDER_WERROR "Treat warnings as errors (CI does)" OFF)
option(DEPTHFINDER_STL_ASSERTIONS "Bounds checks of the standard library" OFF)
set(DEPTHFINDER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

option(DEPTHFINDER_FUZZ "libFuzzer targets (needs clang)" OFF)
if(DEPTHFINDER_FUZZ)
  add_custom_target(fuzzers)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(df_settings INTERFACE)
target_include_directories(df_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(df_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(DEPTHFINDER_WERROR)
  target_compile_options(df_settings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(df_settings INTERFACE -Wthread-safety)
endif()
if(DEPTHFINDER_STL_ASSERTIONS)
  target_compile_definitions(df_settings INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(DEPTHFINDER_FUZZ)
  target_compile_options(df_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DEPTHFINDER_SANITIZE)
  target_compile_options(df_settings INTERFACE -fsanitize=${DEPTHFINDER_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=undefined)
  target_link_options(df_settings INTERFACE -fsanitize=${DEPTHFINDER_SANITIZE})
endif()
