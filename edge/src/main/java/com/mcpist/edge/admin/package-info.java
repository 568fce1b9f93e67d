@NullMarked
package com.mcpist.edge.admin;

import org.jspecify.annotations.NullMarked;
