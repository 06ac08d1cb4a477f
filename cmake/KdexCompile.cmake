# How every file of kdex is compiled: C++20, warnings as errors, the fast linker and cache at hand.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# Boost 1.74 and doctest are included as system headers, so their warnings are not ours. Designated
# initializers that leave fields at their defaults are intended.
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
set(warnings -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wno-missing-field-initializers
             -Werror)
if(KDEX_UNITY)
  set(warnings -w) # of names in other files; a build of each file alone has them
endif()
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:${warnings}>")

# Most of a file's time goes into headers and templates that its neighbours want too. Names of
# unnamed namespaces meet in a unity build: a library says with kdex_compile_alone which of its files
# use a name for something else than a neighbour does. The release build compiles each file alone, so
# that each includes what it uses.
if(KDEX_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
endif()
function(kdex_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

find_program(KDEX_CCACHE ccache)
if(KDEX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${KDEX_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KDEX_CCACHE})
endif()
find_program(KDEX_MOLD mold)
find_program(KDEX_LLD ld.lld)
include(CheckCXXSourceCompiles)
foreach(linker IN ITEMS mold lld)
  string(TOUPPER KDEX_${linker} found)
  if(${found} AND NOT KDEX_LINKER)
    set(CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=${linker})
    check_cxx_source_compiles("int main() { return 0; }" KDEX_LINKS_WITH_${linker})
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
    if(KDEX_LINKS_WITH_${linker})
      set(KDEX_LINKER ${linker})
      add_link_options(-fuse-ld=${linker})
    endif()
  endif()
endforeach()

# With sanitizers compiling takes longer than running: what runs long (the machine, the parser) is
# optimized a little, the rest is not.
function(kdex_runs_long target)
  if(KDEX_SANITIZE)
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()

if(KDEX_SANITIZE)
  # GCC takes what its own instrumentation does to std::regex for reads of what was never written.
  add_compile_options(-fsanitize=${KDEX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
                      -Wno-maybe-uninitialized -O0)
  add_link_options(-fsanitize=${KDEX_SANITIZE})
endif()
