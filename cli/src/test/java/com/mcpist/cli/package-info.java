@NullMarked
package com.mcpist.cli;

import org.jspecify.annotations.NullMarked;
