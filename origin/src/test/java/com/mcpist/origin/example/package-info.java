/** The module that docs/modules.md shows. */
@NullMarked
package com.mcpist.origin.example;

import org.jspecify.annotations.NullMarked;
