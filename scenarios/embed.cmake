# SPDX-License-Identifier: MIT
# df_embed_files(TARGET FUNCTION FILES...) compiles text files into TARGET as
#   std::span<const depthfinder::EmbeddedFile> depthfinder::FUNCTION()
# sorted by name (scenarios/embedded_file.h declares the type), so that the program finds them from anywhere.
function(df_embed_files TARGET FUNCTION)
  list(SORT ARGN)
  set(ENTRIES "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    get_filename_component(name ${file} NAME)
    string(APPEND ENTRIES "    {\"${name}\", R\"df_embed(${text})df_embed\"},\n")
  endforeach()
  set(FUNCTION_NAME ${FUNCTION})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${FUNCTION}.cc)
  configure_file(${PROJECT_SOURCE_DIR}/scenarios/embedded_file.cc.in ${output} @ONLY)
  target_sources(${TARGET} PRIVATE ${output})
endfunction()
