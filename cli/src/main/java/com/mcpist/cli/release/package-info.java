@NullMarked
package com.mcpist.cli.release;

import org.jspecify.annotations.NullMarked;
