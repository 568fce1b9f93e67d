@NullMarked
package com.mcpist.cli.console;

import org.jspecify.annotations.NullMarked;
