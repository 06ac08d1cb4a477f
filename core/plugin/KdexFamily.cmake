# kdex_add_family(NAME SOURCES ... [REFERENCES ...]): builds one family library.
# The library is a module named kdex_NAME in <build>/lib/kdex/plugins. Each reference x.py becomes
# `extern const std::string_view x;` of namespace kdex_reference in the generated "references.h". A line
# `# kdex:include FILE` of it stands for FILE's text, beside it: what several references have in common.
function(kdex_add_family name)
  cmake_parse_arguments(arg "" "" "SOURCES;REFERENCES" ${ARGN})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/kdex_${name}_generated)
  set(header
      "// Written by kdex_add_family from the reference files.\n#pragma once\n#include <string_view>\nnamespace kdex_reference {\n"
  )
  foreach(file IN LISTS arg_REFERENCES)
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(stem ${file} NAME_WE)
    get_filename_component(beside ${path} DIRECTORY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} text)
    string(REGEX MATCHALL "# kdex:include [^\n]+" includes "${text}")
    foreach(include IN LISTS includes)
      string(REPLACE "# kdex:include " "${beside}/" part "${include}")
      if(NOT EXISTS ${part})
        message(FATAL_ERROR "${path}: there is no file '${part}' to include")
      endif()
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${part})
      file(READ ${part} common)
      string(REGEX REPLACE "\n$" "" common "${common}")
      string(REPLACE "${include}" "${common}" text "${text}")
    endforeach()
    string(APPEND header
           "inline constexpr std::string_view ${stem} = R\"kdexref(${text})kdexref\";\n")
  endforeach()
  string(APPEND header "}\n")
  set(old "")
  if(EXISTS ${folder}/references.h)
    file(READ ${folder}/references.h old)
  endif()
  if(NOT old STREQUAL header)
    file(WRITE ${folder}/references.h "${header}")
  endif()
  add_library(kdex_${name} MODULE ${arg_SOURCES})
  target_link_libraries(kdex_${name} PRIVATE kdex::sdk)
  target_include_directories(kdex_${name} PRIVATE ${folder} ${CMAKE_CURRENT_SOURCE_DIR})
  set_target_properties(
    kdex_${name}
    PROPERTIES PREFIX ""
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/kdex/plugins)
endfunction()
