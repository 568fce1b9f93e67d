@NullMarked
package com.mcpist.cli.secrets;

import org.jspecify.annotations.NullMarked;
