# Functions to build and test plugins, in kdex's own build and out of tree.
#
# kdex_add_family(NAME SOURCES ... [REFERENCES x.py ...] [KERNELS x.cu ...]): builds one family
# library, a module named kdex_NAME in <build>/lib/kdex/plugins.
#
# Each reference x.py becomes `std::string_view x` of namespace kdex_reference in the generated
# "references.h"; a line `# kdex:include FILE` of it stands for FILE's text, beside it: what several
# references have in common. Each kernel x.cu becomes `std::string_view x` of namespace kdex_kernels in
# the generated "kernels.h", for KernelUnit::source; a line `// kdex:include FILE` likewise.
#
# A reference `x.py.in` is a template of variants: `x.py.in:fp8:sinks` becomes `x_fp8_sinks`, in which
# `{fp8|THIS|THAT}` is THIS and, where fp8 is not among the names, THAT, or nothing without `|THAT`.
# THIS and THAT may have several lines, but neither `|` nor `}`. Included files likewise.

# TEXT with its variants chosen: those of KNOWN that are in WANTED.
function(kdex_choose text wanted known out)
  foreach(name IN LISTS known)
    set(kept "\\2")
    if(name IN_LIST wanted)
      set(kept "\\1")
    endif()
    # What is without a THAT has an empty one.
    string(REGEX REPLACE "{${name}\\|([^|}]*)}" "{${name}|\\1|}" text "${text}")
    string(REGEX REPLACE "{${name}\\|([^|}]*)\\|([^}]*)}" "${kept}" text "${text}")
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Reads FILE with its variants chosen (kdex_choose) and its kdex:include lines replaced by the files
# that they name.
function(kdex_read_whole path wanted known out)
  get_filename_component(beside ${path} DIRECTORY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  kdex_choose("${text}" "${wanted}" "${known}" text)
  string(REGEX MATCHALL "(#|//) kdex:include [^\n]+" includes "${text}")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^(#|//) kdex:include " "" part "${include}")
    set(part "${beside}/${part}")
    if(NOT EXISTS ${part})
      message(FATAL_ERROR "${path}: there is no file '${part}' to include")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${part})
    file(READ ${part} common)
    string(REGEX REPLACE "\n$" "" common "${common}")
    kdex_choose("${common}" "${wanted}" "${known}" common)
    string(REPLACE "${include}" "${common}" text "${text}")
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Writes HEADER with the text of each file as a constant of namespace SPACE.
function(kdex_embed header space)
  set(text
      "// Written by kdex_add_family.\n#pragma once\n#include <string_view>\nnamespace ${space} {\n"
  )
  set(known "")
  foreach(entry IN LISTS ARGN)
    string(REPLACE ":" ";" names "${entry}")
    list(POP_FRONT names)
    list(APPEND known ${names})
  endforeach()
  list(REMOVE_DUPLICATES known)
  foreach(entry IN LISTS ARGN)
    string(REPLACE ":" ";" names "${entry}")
    list(POP_FRONT names file)
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(stem ${file} NAME_WE)
    if(names AND NOT file MATCHES "\\.in$")
      message(FATAL_ERROR "${entry}: only a template, a file named .in, has variants")
    endif()
    kdex_read_whole(${path} "${names}" "${known}" whole)
    if(known AND whole MATCHES "{([a-z0-9_]+)\\|")
      message(FATAL_ERROR "${path}: no variant has the name '${CMAKE_MATCH_1}'")
    endif()
    list(JOIN names "_" suffix)
    if(suffix)
      set(stem ${stem}_${suffix})
    endif()
    string(APPEND text
           "inline constexpr std::string_view ${stem} = R\"kdexref(${whole})kdexref\";\n")
  endforeach()
  string(APPEND text "}\n")
  set(old "")
  if(EXISTS ${header})
    file(READ ${header} old)
  endif()
  if(NOT old STREQUAL text)
    file(WRITE ${header} "${text}")
  endif()
endfunction()

# A module TARGET of the sources, in <build>/lib/kdex/plugins.
function(kdex_add_plugin_library target)
  add_library(${target} MODULE ${ARGN})
  target_link_libraries(${target} PRIVATE kdex::sdk)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  set_target_properties(
    ${target}
    PROPERTIES PREFIX ""
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/kdex/plugins)
endfunction()

function(kdex_add_family name)
  cmake_parse_arguments(arg "" "" "SOURCES;REFERENCES;KERNELS" ${ARGN})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/kdex_${name}_generated)
  kdex_embed(${folder}/references.h kdex_reference ${arg_REFERENCES})
  kdex_embed(${folder}/kernels.h kdex_kernels ${arg_KERNELS})
  kdex_add_plugin_library(kdex_${name} ${arg_SOURCES})
  set_property(GLOBAL APPEND PROPERTY KDEX_FAMILIES ${name})
  target_include_directories(kdex_${name} PRIVATE ${folder})
endfunction()

# kdex_add_stage(NAME SOURCES ...): builds one stage's library, a module named kdex_stage_NAME in
# <build>/lib/kdex/plugins.
function(kdex_add_stage name)
  cmake_parse_arguments(arg "" "" "SOURCES" ${ARGN})
  kdex_add_plugin_library(kdex_stage_${name} ${arg_SOURCES})
endfunction()

# kdex_add_family_test(NAME test.py), kdex_add_stage_test(NAME test.py): a test that runs test.py with
# kdex, the folder of the built libraries, kdex's data and the folder of kdex_testing.py; 77 of it
# means skipped. KDEX_TORCH_PYTHON names a Python with torch for the reference of a family.
function(kdex_add_plugin_test test script)
  find_package(Python3 COMPONENTS Interpreter)
  if(NOT Python3_FOUND)
    message(STATUS "the test ${script} is left out: no python3")
    return()
  endif()
  set(KDEX_TORCH_PYTHON ${Python3_EXECUTABLE} CACHE FILEPATH "A Python with torch")
  add_test(NAME ${test}
           COMMAND ${KDEX_TORCH_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${KDEX_PROGRAM}
                   ${CMAKE_BINARY_DIR}/lib/kdex/plugins ${KDEX_DATA} ${KDEX_DATA}/python)
  set_tests_properties(${test} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

function(kdex_add_family_test name script)
  kdex_add_plugin_test(${name}_family ${script})
endfunction()

function(kdex_add_stage_test name script)
  kdex_add_plugin_test(${name}_stage ${script})
endfunction()
